package local

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PlainText returns the message for a terminal: its text or, for the messages of
// Cognito, which are HTML only, the visible text of the HTML.
func (m Message) PlainText() (string, error) {
	if m.Text != "" {
		return m.Text, nil
	}
	page, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		return "", err
	}
	return visibleText(page), nil
}

// visibleText returns the visible text of an HTML page, one paragraph for each block.
func visibleText(page *html.Node) string {
	var paragraphs []string
	var paragraph strings.Builder
	end := func() {
		if words := strings.Fields(paragraph.String()); len(words) > 0 {
			paragraphs = append(paragraphs, strings.Join(words, " "))
		}
		paragraph.Reset()
	}
	for node := range page.Descendants() {
		if node.Type == html.TextNode && node.Parent.DataAtom != atom.Style && node.Parent.DataAtom != atom.Title {
			paragraph.WriteString(node.Data)
		}
		switch node.DataAtom {
		case atom.P, atom.H1, atom.H2, atom.Tr, atom.Div, atom.Br:
			end()
		case atom.Th, atom.Td:
			paragraph.WriteByte(' ')
		}
	}
	end()
	return strings.Join(paragraphs, "\n\n")
}
