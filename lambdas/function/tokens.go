package function

import "time"

// The longest that tokens live on any stage: what is revoked, or known of a
// token, is remembered for as long.
const (
	MaxAccessTokenLife  = 24 * time.Hour
	MaxRefreshTokenLife = 30 * 24 * time.Hour
)
