package cost

import (
	"fmt"
	"strings"

	"github.com/expenzez/infrastructure/config"
)

// Text returns the report as Markdown, for a terminal or a page.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Fixed: %.2f USD a month of a budget of %.0f, before free tiers.\n\n%s\n", r.FixedUSD, r.BudgetUSD, r.fixedTable())
	fmt.Fprintf(&b, "A million requests, before free tiers:\n\n%s\n", r.operationTable())
	fmt.Fprintf(&b, "A month by active users:\n\n%s", r.growthTable())
	return b.String()
}

// fixedTable returns each row of the fixed part.
func (r Report) fixedTable() string {
	rows := [][]string{{"control", "quantity", "unit", "USD a month", "within free tiers"}}
	for _, item := range r.Fixed {
		rows = append(rows, []string{item.Control, number(item.Quantity), item.Unit, usd(item.USD), usd(item.FreeUSD)})
	}
	all, free := total(r.Fixed)
	return table(append(rows, []string{"**all**", "", "", "**" + usd(all) + "**", usd(free)}))
}

// operationServices are the columns of the table of operations.
var operationServices = []string{"API Gateway", "CloudFront", "AWS WAF", "Lambda", "DynamoDB", "KMS", "CloudWatch", "SES", "SNS and SQS"}

// operationTable returns the price of a million requests by route and service.
func (r Report) operationTable() string {
	rows := [][]string{append([]string{"operation", "all"}, operationServices...)}
	for _, operation := range r.Operations {
		row := []string{"`" + operation.Key + "`", usd(operation.USD)}
		for _, service := range operationServices {
			row = append(row, usd(totalOf(operation.Items, service)))
		}
		rows = append(rows, row)
	}
	return table(rows)
}

// growthTable returns the bill by service and number of users.
func (r Report) growthTable() string {
	head, users, sum, free, bill, thousand := []string{"USD a month"}, []string{"active users"}, []string{"**all**"}, []string{"paid by free tiers"}, []string{"**bill**"}, []string{"per thousand users, without the fixed part"}
	fixed := []string{"fixed"}
	for _, g := range r.Growth {
		head, users = append(head, g.Name), append(users, number(g.Users))
		fixed, sum = append(fixed, usd(r.FixedUSD)), append(sum, "**"+usd(g.TotalUSD)+"**")
		free, bill = append(free, usd(g.FreeUSD)), append(bill, "**"+usd(g.TotalUSD-g.FreeUSD)+"**")
		thousand = append(thousand, usd(g.PerThousandUsers()))
	}
	rows := [][]string{head, users, fixed}
	for _, service := range services(r.Growth[0].Variable) {
		row := []string{service}
		for _, g := range r.Growth {
			row = append(row, usd(totalOf(g.Variable, service)))
		}
		rows = append(rows, row)
	}
	return table(append(rows, sum, free, bill, thousand))
}

// services returns the services of items, in their order.
func services(items []Item) (names []string) {
	for _, item := range items {
		if len(names) == 0 || names[len(names)-1] != item.Control {
			names = append(names, item.Control)
		}
	}
	return names
}

// totalOf returns the price of the items of a control or service.
func totalOf(items []Item, control string) (sum float64) {
	for _, item := range items {
		if item.Control == control {
			sum += item.USD
		}
	}
	return sum
}

// FixedOf returns what a control costs in a month, before free tiers.
func (r Report) FixedOf(control config.Control) float64 { return totalOf(r.Fixed, control.Name) }

// usd returns an amount with cents, or a dash for nothing.
func usd(amount float64) string {
	switch {
	case amount == 0:
		return "–"
	case amount >= 1000:
		return grouped(amount)
	}
	return fmt.Sprintf("%.2f", amount)
}

// number returns a quantity without needless digits.
func number(quantity float64) string {
	if quantity >= 1000 {
		return grouped(quantity)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", quantity), ".0")
}

// grouped returns a whole number with commas.
func grouped(value float64) string {
	digits := fmt.Sprintf("%.0f", value)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// table returns rows as a Markdown table; the first row is its head.
func table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|---" + strings.Repeat("|---:", len(row)-1) + "|\n")
		}
	}
	return b.String()
}
