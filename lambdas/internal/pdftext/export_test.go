package pdftext

// MaxMemory is the sandbox's memory in bytes.
const MaxMemory = maxMemoryPages << 16

// LinesFromBehind returns the lines of n letters that a file prints from the last to the first.
func LinesFromBehind(n int) []Line {
	characters := make([]character, n)
	for i := range characters {
		left := float64(n - i)
		characters[i] = character{text: 'a', left: left, right: left + 1, bottom: 10}
	}
	return linesOf(characters)
}
