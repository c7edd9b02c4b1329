package statementtest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

const (
	pageWidth, pageHeight = 595, 842
	topMargin             = 60
	bottomMargin          = 90
	lineHeight            = 11
	fontSize              = 9
)

// printer prints a statement, line by line from the top of each page.
type printer struct {
	bank      *bank
	random    *rand.Rand
	statement *Statement
	y         float64
	balance   int64
	year      int
}

func (p *printer) page() *Page { return &p.statement.Pages[len(p.statement.Pages)-1] }

func (p *printer) put(x float64, text string) {
	p.page().Runs = append(p.page().Runs, Run{X: x, Y: p.y, Size: fontSize, Text: text})
}

// putRight prints a text that ends at x.
func (p *printer) putRight(x float64, text string) {
	p.put(x-width(text, fontSize), text)
	p.page().Runs[len(p.page().Runs)-1].Right = true
}

// putAmount prints an amount that ends at x. Some banks print the last digit apart.
func (p *printer) putAmount(x float64, text string) {
	if !p.bank.splitsDigits || p.random.IntN(6) > 0 {
		p.putRight(x, text)
		return
	}
	head, tail := text[:len(text)-1], text[len(text)-1:]
	p.putRight(x-width(tail, fontSize)-1, head)
	p.putRight(x, tail)
}

func (p *printer) line(x float64, text string) {
	p.put(x, text)
	p.y += lineHeight
}

func (p *printer) print() {
	p.newPage()
	p.masthead()
	p.y += lineHeight
	for i, section := range p.statement.Sections {
		if i > 0 {
			p.newPage()
			p.line(40, "Pot statement")
		}
		if p.bank.summary != nil {
			for _, text := range p.bank.summary(section) {
				p.line(40, text)
			}
			p.y += lineHeight
		}
		p.section(section)
	}
	if p.bank.foreignSection {
		p.foreign()
	}
	if len(p.bank.terms) > 0 {
		p.newPage()
		for _, text := range p.bank.terms {
			p.line(40, text)
		}
	}
	p.footers()
}

// masthead prints what stands above the tables. The lines with a period that is not printed are left out.
func (p *printer) masthead() {
	values := map[string]string{}
	if p.bank.period != nil && !p.statement.periodHidden {
		values["period"] = p.bank.period(p.statement.Start, p.statement.End)
	}
	for _, text := range p.bank.masthead(p.statement) {
		if text = expand(text, values); !strings.Contains(text, "{period}") {
			p.line(40, text)
		}
	}
}

func (p *printer) newPage() {
	p.statement.Pages = append(p.statement.Pages, Page{Width: pageWidth, Height: pageHeight})
	p.y = topMargin
	for i, text := range p.bank.sidebar {
		p.page().Runs = append(p.page().Runs, Run{X: p.bank.sidebarX, Y: topMargin + 90 + float64(i)*17, Size: 8, Text: text})
	}
}

func (p *printer) footers() {
	for i := range p.statement.Pages {
		page := &p.statement.Pages[i]
		for n, text := range p.bank.footer {
			text = expand(text, map[string]string{"page": number(i + 1), "pages": number(len(p.statement.Pages))})
			page.Runs = append(page.Runs, Run{X: 40, Y: pageHeight - 50 + 10*float64(n), Size: 7, Text: text})
		}
	}
}

// section prints the table of one account.
func (p *printer) section(s Section) {
	p.year = 0
	p.headings()
	rows := slices.Clone(s.Rows)
	p.balance = s.Opening
	if p.bank.newestFirst {
		slices.Reverse(rows)
		p.balance = s.Closing
	}
	p.marker(p.bank.opening, p.statement.Start)
	for i, row := range rows {
		first := i == 0 || rows[i-1].Date != row.Date
		last := i == len(rows)-1 || rows[i+1].Date != row.Date
		p.breakPage(len(row.Lines))
		p.row(row, first, last)
		if last && p.bank.endOfDay != "" {
			p.marker(p.bank.endOfDay, row.Date)
		}
	}
	p.marker(p.bank.closing, p.statement.End)
	if p.bank.totals != nil {
		for _, text := range p.bank.totals(s) {
			p.line(p.x(columnText), text)
		}
	}
}

// breakPage starts a page when no row of this many lines has room.
func (p *printer) breakPage(lines int) {
	if p.y+float64(lines+4)*lineHeight < pageHeight-bottomMargin {
		return
	}
	p.marker(p.bank.carried, p.statement.End)
	if p.bank.continued != "" {
		p.line(p.x(columnText), p.bank.continued)
	}
	p.newPage()
	if p.bank.headingsOnEachPage {
		p.headings()
	}
	p.marker(p.bank.brought, p.statement.Start)
}

// x returns a column's position on this page: the left edge of texts, the right edge of amounts.
func (p *printer) x(kind columnKind) float64 {
	for _, c := range p.bank.columns {
		if c.kind == kind {
			return c.x + p.bank.shift*float64((len(p.statement.Pages)-1)%2)
		}
	}
	return p.x(columnText)
}

func (p *printer) has(kind columnKind) bool {
	return slices.ContainsFunc(p.bank.columns, func(c column) bool { return c.kind == kind })
}

func (p *printer) headings() {
	for _, c := range p.bank.columns {
		if c.kind.isMoney() {
			p.putRight(p.x(c.kind), c.heading)
		} else {
			p.put(p.x(c.kind), c.heading)
		}
	}
	p.y += 1.5 * lineHeight
}

// marker prints a row that is no transaction, such as BALANCE BROUGHT FORWARD.
func (p *printer) marker(text string, date time.Time) {
	if text == "" {
		return
	}
	if p.bank.markersHaveDates {
		p.put(p.x(columnDate), p.bank.date(date))
	}
	p.put(p.x(columnText), text)
	if p.bank.balance != balanceNever {
		p.putBalance()
	}
	p.y += lineHeight + p.bank.gap
}

// putBalance prints the running balance, with its mark where the account is overdrawn.
func (p *printer) putBalance() {
	text, mark := p.bank.balanceText(p.balance)
	p.putAmount(p.x(columnBalance), text)
	if mark != "" {
		p.put(p.x(columnBalance)+2, mark)
	}
}

// number returns a count as text.
func number(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return number(n/10) + number(n%10)
}
