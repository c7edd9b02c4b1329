package statementtest

import "strings"

// helvetica holds the widths of Helvetica's characters from the space to the tilde, in thousandths of the
// size.
// https://www.loc.gov/preservation/digital/formats/fdd/fdd000476.shtml (the font metrics of the base 14 fonts)
var helvetica = [...]float64{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// width returns how wide a text is in points.
func width(text string, size float64) float64 {
	total := 0.0
	for _, r := range text {
		if i := int(r) - ' '; i >= 0 && i < len(helvetica) {
			total += helvetica[i]
		} else {
			total += 556 // the pound sign
		}
	}
	return total * size / 1000
}

// wrap parts lines that are wider than a column, at their spaces.
func wrap(lines []string, column float64) []string {
	var wrapped []string
	for _, line := range lines {
		for width(line, fontSize) > column && strings.Contains(line, " ") {
			at := len(line)
			for width(line[:at], fontSize) > column && strings.Contains(line[:at], " ") {
				at = strings.LastIndexByte(line[:at], ' ')
			}
			wrapped = append(wrapped, line[:at])
			line = line[at+1:]
		}
		wrapped = append(wrapped, line)
	}
	return wrapped
}
