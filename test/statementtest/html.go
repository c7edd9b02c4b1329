package statementtest

import (
	"fmt"
	"html"
	"strings"
)

// HTML returns the statement as a page that a browser prints: with its own fonts, which it kerns and embeds
// as subsets.
func (s Statement) HTML() string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><meta charset="utf-8"><style>
@page { size: 595pt 842pt; margin: 0 }
body { margin: 0; font-family: "Liberation Sans", sans-serif; font-kerning: normal }
section { position: relative; width: 595pt; height: 841pt; overflow: hidden; break-after: page }
span { position: absolute; white-space: pre }
</style>`)
	for _, page := range s.Pages {
		b.WriteString("<section>\n")
		for _, run := range page.Runs {
			colour := "black"
			if run.White {
				colour = "white"
			}
			position := fmt.Sprintf("left:%.2fpt", run.X)
			if run.Right {
				position = fmt.Sprintf("right:%.2fpt", page.Width-run.X-width(run.Text, run.Size))
			}
			fmt.Fprintf(&b, `<span style="%s;top:%.2fpt;font-size:%.2fpt;color:%s">%s</span>`+"\n", position, run.Y-run.Size, run.Size, colour, html.EscapeString(run.Text))
		}
		b.WriteString("</section>\n")
	}
	return b.String()
}
