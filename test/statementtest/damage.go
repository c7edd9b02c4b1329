package statementtest

import (
	"bytes"
	"math/rand/v2"
	"slices"
)

// Damage returns a file with other bytes, without a part, or with a part twice.
func Damage(random *rand.Rand, file []byte) []byte {
	f := bytes.Clone(file)
	from := random.IntN(len(f) - 1)
	to := min(len(f), from+random.IntN(2_000))
	switch random.IntN(3) {
	case 0:
		for range 1 + random.IntN(40) {
			f[random.IntN(len(f))] = byte(random.IntN(256))
		}
		return f
	case 1:
		return slices.Delete(f, from, to)
	}
	return slices.Insert(f, from, file[from:to]...)
}
