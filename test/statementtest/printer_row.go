package statementtest

// row prints one transaction. first and last say whether it is its day's.
func (p *printer) row(row Row, first, last bool) {
	if p.bank.yearApart && row.Date.Year() != p.year {
		p.line(p.x(columnDate), number(row.Date.Year()))
	}
	top := p.y
	lines := float64(len(row.Lines))
	amountAt := map[textSide]float64{amountFirst: 0, amountLast: lines - 1, amountCentred: (lines - 1) / 2}[p.bank.side]
	dateAt := 0.0
	if p.bank.side == amountCentred {
		dateAt = amountAt
	}
	p.y = top + dateAt*lineHeight
	p.date(row, first)
	p.y = top
	for i, line := range row.Lines {
		if i == 0 && row.Code != "" {
			p.put(p.x(columnCode), row.Code)
		}
		p.put(p.x(columnText), line)
		p.y += lineHeight
	}
	p.y = top + amountAt*lineHeight
	p.amount(row)
	before := p.balance
	if !p.bank.newestFirst {
		p.balance += row.Pence
	}
	if p.bank.balance == balanceEachRow || p.bank.balance == balanceLastOfDay && last {
		p.putBalance()
	}
	if p.bank.newestFirst {
		p.balance = before - row.Pence
	}
	p.y = top + lines*lineHeight + p.bank.gap
	if row.Pence > 0 && p.bank.creditBelow != "" && len(row.Lines) == 1 {
		p.y += lineHeight
	}
	if p.bank.noise != "" && p.random.IntN(9) == 0 {
		p.line(p.x(columnText), expand(p.bank.noise, map[string]string{"day": row.Date.Format("02 Jan 2006")}))
	}
}

// date prints the row's date: always, or on the first row of a day.
func (p *printer) date(row Row, first bool) {
	defer func() { p.year = row.Date.Year() }()
	if !first && !p.bank.dateOnEachRow {
		return
	}
	text := p.bank.date(row.Date)
	if p.bank.longDate != nil && p.year == 0 {
		text = p.bank.longDate(row.Date)
	}
	p.put(p.x(columnDate), text)
	if p.has(columnSecondDate) {
		p.put(p.x(columnSecondDate), text)
	}
}

// amount prints the row's amount in the bank's way.
func (p *printer) amount(row Row) {
	switch p.bank.amounts {
	case amountsInTwoColumns:
		kind, blank := columnOut, columnIn
		if row.Pence > 0 {
			kind, blank = columnIn, columnOut
		}
		p.putAmount(p.x(kind), p.bank.sign+pounds(row.Pence))
		if p.bank.whiteBlanks != "" {
			text := expand(p.bank.whiteBlanks, map[string]string{"heading": p.heading(blank)})
			p.page().Runs = append(p.page().Runs, Run{X: p.x(blank) - width(text, fontSize), Y: p.y, Size: fontSize, Text: text, White: true})
		}
	case amountsSigned:
		text := p.bank.sign + pounds(row.Pence)
		if row.Pence < 0 {
			text = "-" + text
		} else if p.bank.plus {
			text = "+" + text
		}
		p.putAmount(p.x(columnAmount), text)
	case amountsOfCard: // spending has no sign
		text := pounds(row.Pence)
		if row.Pence > 0 {
			text += p.bank.creditSuffix
		}
		p.putRight(p.x(columnAmount), text)
		if row.Pence > 0 && p.bank.creditBelow != "" {
			p.y += lineHeight
			p.putRight(p.x(columnAmount), p.bank.creditBelow)
		}
	}
}

func (p *printer) heading(kind columnKind) string {
	for _, c := range p.bank.columns {
		if c.kind == kind {
			return c.heading
		}
	}
	return ""
}

// foreign prints an account in euros, which has the same headings.
func (p *printer) foreign() {
	p.newPage()
	for _, text := range []string{p.bank.issuer, "EUR Statement"} {
		p.line(40, text)
	}
	p.y += lineHeight
	p.headings()
	p.put(p.x(columnDate), p.bank.date(p.statement.Start))
	p.put(p.x(columnText), "PLUM TREE SARL")
	p.putRight(p.x(columnOut), "\u20ac12.00")
	p.putRight(p.x(columnBalance), "\u20ac88.00")
	p.y += lineHeight
}
