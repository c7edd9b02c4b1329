package cost

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/expenzez/infrastructure/config"
)

//go:embed page.md.tmpl
var pageTemplate string

// Page returns docs/cost.md for the reports of every stage in every profile.
func Page(reports []Report) (string, error) {
	prices, err := Prices()
	if err != nil {
		return "", err
	}
	page, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return "", err
	}
	prod, err := reportOf(reports, "prod", config.Lean)
	if err != nil {
		return "", err
	}
	full, err := reportOf(reports, "prod", config.Full)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = page.Execute(&b, map[string]string{
		"Date": prices.Date, "Summary": summaryTable(reports), "Controls": controlTable(reports), "Without": withoutTable(),
		"Unpriced": unpricedTable(), "Rows": prod.fixedTable(), "Operations": prod.operationTable(), "Growth": prod.growthTable(), "GrowthFull": full.growthTable(),
		"Month": monthTable(), "Requests": number(RequestsOfUser()), "SeedUsers": number(prod.Growth[0].Users),
		"SeedRequests": fmt.Sprintf("%.1f", prod.Growth[0].Users*RequestsOfUser()/1e6),
		"SeedUSD":      usd(prod.Growth[0].TotalUSD), "SeedFixed": usd(prod.FixedUSD),
		"SeedCognito": usd(totalOf(prod.Growth[0].Variable, "Cognito")), "SeedEdge": usd(totalOf(prod.Growth[0].Variable, "CloudFront") + totalOf(prod.Growth[0].Variable, "AWS WAF")),
		"SeedSame": usd(sameServices(prod.Growth[0].Variable)), "Prices": priceTable(prices),
	})
	return b.String(), err
}

// sameServices returns what the services of the first estimate's table cost.
func sameServices(items []Item) (sum float64) {
	for _, service := range []string{"Lambda", "DynamoDB", "API Gateway", "CloudWatch", "KMS"} {
		sum += totalOf(items, service)
	}
	return sum
}

func reportOf(reports []Report, stage string, profile config.Profile) (Report, error) {
	for _, report := range reports {
		if report.Stage == stage && report.Profile == profile {
			return report, nil
		}
	}
	return Report{}, fmt.Errorf("no report of stage %s in profile %s", stage, profile)
}

// summaryTable returns the fixed part of each report beside its budget.
func summaryTable(reports []Report) string {
	rows := [][]string{{"stage and profile", "fixed USD a month", "budget"}}
	for _, r := range reports {
		rows = append(rows, []string{r.Stage + " " + string(r.Profile), usd(r.FixedUSD), usd(r.BudgetUSD)})
	}
	return table(rows)
}

// controlTable returns the price of each control in each report.
func controlTable(reports []Report) string {
	head := []string{"control"}
	for _, r := range reports {
		head = append(head, r.Stage+" "+string(r.Profile))
	}
	rows := [][]string{head}
	for _, control := range config.AllControls() {
		row := []string{control.Name}
		for _, r := range reports {
			row = append(row, usd(r.FixedOf(control)))
		}
		rows = append(rows, row)
	}
	return table(rows)
}

// withoutTable returns what a stage gives up without each control.
func withoutTable() string {
	rows := [][]string{{"control", "without it"}}
	for _, control := range config.AllControls() {
		rows = append(rows, []string{control.Name, control.Without})
	}
	return leftAligned(rows)
}

// unpricedTable returns the types without a fixed price, each with what a bill says of it.
func unpricedTable() string {
	rows := [][]string{{"type", "why"}}
	for _, kind := range slices.Sorted(maps.Keys(unpriced)) {
		name := kind
		if strings.HasSuffix(kind, "::") {
			name += "*"
		}
		rows = append(rows, []string{"`" + name + "`", unpriced[kind]})
	}
	return leftAligned(rows)
}

// leftAligned returns a table of text.
func leftAligned(rows [][]string) string { return strings.ReplaceAll(table(rows), "---:", "---") }

func monthTable() string {
	rows := [][]string{{"operation", "requests", "why"}}
	for _, use := range monthOfUser {
		rows = append(rows, []string{"`" + use.Key + "`", number(use.Times), use.Why})
	}
	return table(rows)
}

// priceTable returns every price with its source, and whether it was compared with the AWS Price List.
func priceTable(prices PriceList) string {
	rows := [][]string{{"price", "USD", "unit", "region", "free a month", "usage type in the AWS Price List"}}
	for _, key := range slices.Sorted(maps.Keys(prices.Prices)) {
		p := prices.Prices[key]
		line := "not compared"
		if p.Line != "" {
			line = "`" + p.Line + "`"
		}
		rows = append(rows, []string{fmt.Sprintf("[%s](%s)", key, p.Source), fmt.Sprintf("%.6g", p.USD), p.Unit, p.Region, freeText(p.Free), line})
	}
	return table(rows)
}

func freeText(units float64) string {
	if units == 0 {
		return ""
	}
	return number(units)
}
