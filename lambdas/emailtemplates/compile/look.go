package main

import (
	"fmt"
	"html/template"
)

// colours are those of one scheme. Text is readable on what it stands on: 4.5 to 1
// at least (https://www.w3.org/TR/WCAG22/#contrast-minimum), which a test checks.
type colours struct {
	page   string // behind everything
	card   string // behind the message
	box    string // behind a code or a username
	line   string // between and around
	text   string // on card and box
	muted  string // on page and card
	accent string // the app's name, on page
}

var (
	light = colours{page: "#eef2f1", card: "#ffffff", box: "#e6f2ef", line: "#d3dcd9", text: "#16211e", muted: "#4c5a56", accent: "#0b5f54"}
	dark  = colours{page: "#0e1413", card: "#19211f", box: "#22322e", line: "#35443f", text: "#ecf1ef", muted: "#abb8b4", accent: "#62d6c3"}
)

const (
	sans = "font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif;"
	mono = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace;"
)

// style is the inline style of a part of a message: mail programs that drop the
// style element keep it.
func style(part string) (template.CSS, error) {
	c := light
	styles := map[string]string{
		"page":  "margin:0;padding:0;background-color:" + c.page + ";",
		"frame": "padding:24px 12px;background-color:" + c.page + ";",
		"width": "width:100%;max-width:560px;",
		"app":   sans + "margin:0;padding:0 8px 16px;font-size:18px;line-height:24px;font-weight:700;color:" + c.accent + ";",
		"card":  "padding:28px 24px 12px;background-color:" + c.card + ";border:1px solid " + c.line + ";border-radius:12px;",
		"h1":    sans + "margin:0 0 16px;font-size:24px;line-height:32px;font-weight:700;color:" + c.text + ";",
		"h2":    sans + "margin:24px 0 8px;font-size:17px;line-height:24px;font-weight:700;color:" + c.text + ";",
		"p":     sans + "margin:0 0 16px;font-size:16px;line-height:24px;color:" + c.text + ";",
		"box":   "padding:16px 12px;text-align:center;background-color:" + c.box + ";border-radius:8px;" + mono + "font-size:28px;line-height:36px;font-weight:700;color:" + c.text + ";word-break:break-word;",
		"gap":   "height:16px;line-height:16px;font-size:16px;",
		"facts": "margin:0 0 16px;border-collapse:collapse;",
		"th":    sans + "padding:4px 16px 4px 0;font-size:16px;line-height:24px;font-weight:400;text-align:left;vertical-align:top;color:" + c.muted + ";",
		"td":    sans + "padding:4px 0;font-size:16px;line-height:24px;font-weight:700;text-align:left;vertical-align:top;color:" + c.text + ";word-break:break-word;",
		"foot":  sans + "margin:0;padding:16px 8px 0;font-size:13px;line-height:20px;color:" + c.muted + ";",
		// What is in a link already is not made one; without an address it leads nowhere.
		"nolink": "color:" + c.text + ";text-decoration:none;",
	}
	css, ok := styles[part]
	if !ok {
		return "", fmt.Errorf("there is no style %q", part)
	}
	return template.CSS(css), nil
}

// darkStyle is what differs for readers who prefer dark screens.
func darkStyle() template.CSS {
	c := dark
	return template.CSS(fmt.Sprintf(`
.page, .frame { background-color: %s !important; }
.card { background-color: %s !important; border-color: %s !important; }
.box { background-color: %s !important; }
h1, h2, .card p, td, td a { color: %s !important; }
th, .foot { color: %s !important; }
.app { color: %s !important; }
`, c.page, c.card, c.line, c.box, c.text, c.muted, c.accent))
}
