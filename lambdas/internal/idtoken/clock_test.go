package idtoken

import (
	"testing"
	"time"
)

// Go's own clock stands still while Lambda has the environment frozen: by it, keys
// would be used for days.
func TestJWKS_AgeIsByWallClock(t *testing.T) {
	if now := NewJWKS(nil, time.Now).now(); now != now.Round(0) {
		t.Errorf("%s has a reading of Go's own clock", now)
	}
}
