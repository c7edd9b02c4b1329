package merchants

import "testing"

// An import normalises 10,000 texts within the time of one request.
func BenchmarkNormalise(b *testing.B) {
	for b.Loop() {
		Normalise("CARD PAYMENT TO SQ *ACME COFFEE LTD,3.20 GBP, RATE 1.00/GBP ON 02-07-2026")
	}
}

func BenchmarkNormalise_NothingToRemove(b *testing.B) {
	for b.Loop() {
		Normalise("ACME COFFEE HOUSE")
	}
}
