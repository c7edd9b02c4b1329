package securityevents

import "strings"

// The marks of a platform in a User-Agent: those of the app's own HTTP clients
// (CFNetwork and okhttp, which name no device), and of browsers.
var platforms = []struct {
	name  string
	marks []string
}{
	{"android", []string{"android", "okhttp", "dalvik"}},
	{"ios", []string{"iphone", "ipad", "ipod", "cfnetwork"}}, // not "ios", which axios contains
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
