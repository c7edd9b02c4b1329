package creditfigures

// Bureau is a credit bureau, as the contract names it.
type Bureau string

// The bureaus.
const (
	TransUnion Bureau = "TransUnion"
	Experian   Bureau = "Experian"
	Equifax    Bureau = "Equifax"
)

// Bureaus returns the bureaus in the order of the app.
func Bureaus() []Bureau { return []Bureau{TransUnion, Experian, Equifax} }

// Rating is how a bureau calls a range of its scores, as the app writes it.
type Rating string

// The ratings.
const (
	VeryPoor  Rating = "Very Poor"
	Poor      Rating = "Poor"
	Fair      Rating = "Fair"
	Good      Rating = "Good"
	Excellent Rating = "Excellent"
)

var ratings = []Rating{VeryPoor, Poor, Fair, Good, Excellent}

// scale has the highest score of each rating, from Very Poor to Excellent. The last is the
// bureau's highest score. The app has the same numbers, which are those of before 2025.
// https://friendlyscore.com/blog/credit-score/what-are-the-different-credit-score-ranges
var scale = map[Bureau][]int{
	TransUnion: {550, 565, 603, 627, 710},
	Experian:   {560, 720, 880, 960, 999},
	Equifax:    {279, 379, 419, 465, 700},
}

// Max returns the bureau's highest score. It is 0 for an unknown bureau.
func (b Bureau) Max() int {
	if highest, known := scale[b]; known {
		return highest[len(highest)-1]
	}
	return 0
}

// Rating returns the rating of a score of the bureau.
func (b Bureau) Rating(score int) Rating { return ratings[b.grade(score)-1] }

// grade returns the place of a score's rating, 1 for Very Poor to 5 for Excellent.
func (b Bureau) grade(score int) int {
	for i, highest := range scale[b] {
		if score <= highest {
			return i + 1
		}
	}
	return len(ratings)
}
