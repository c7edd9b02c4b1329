package securityevents

import "strings"

// Substrings of a User-Agent by platform: of the app's HTTP clients (CFNetwork and
// okhttp, which name no device), and of browsers.
var platforms = []struct {
	name  string
	marks []string
}{
	{"android", []string{"android", "okhttp", "dalvik"}},
	{"ios", []string{"iphone", "ipad", "ipod", "cfnetwork"}}, // "ios" would match axios
}

// PlatformOf returns the platform that a User-Agent names: ios, android or other.
func PlatformOf(userAgent string) string {
	lower := strings.ToLower(userAgent)
	for _, platform := range platforms {
		for _, mark := range platform.marks {
			if strings.Contains(lower, mark) {
				return platform.name
			}
		}
	}
	return "other"
}
