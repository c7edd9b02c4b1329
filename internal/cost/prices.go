package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Price is the price of one unit.
type Price struct {
	// USD is what one unit costs: a month of it, or one call.
	USD float64 `json:"usd"`
	// Unit names the unit.
	Unit string `json:"unit"`
	// Region is where the price holds.
	Region string `json:"region"`
	// Source is the page with the price.
	Source string `json:"source"`
	// Line is the usage type in the AWS Price List that the price was compared with. Empty means that it was
	// not compared.
	Line string `json:"line,omitempty"`
	// Free is how many units a month an account has for nothing, for ever.
	Free float64 `json:"free,omitempty"`
}

// PriceList is a dated list of prices by key.
type PriceList struct {
	// Date is the day of the prices.
	Date string `json:"date"`
	// Prices are the prices by key.
	Prices map[string]Price `json:"prices"`
}

//go:embed prices.json
var pricesFile []byte

// Prices returns the prices that estimates use.
func Prices() (PriceList, error) {
	var list PriceList
	if err := json.Unmarshal(pricesFile, &list); err != nil {
		return list, fmt.Errorf("internal/cost/prices.json: %w", err)
	}
	return list, nil
}

// item returns a quantity with its price.
func (l PriceList) item(control, key string, quantity float64) (Item, error) {
	price, known := l.Prices[key]
	if !known {
		return Item{}, fmt.Errorf("price %q: missing in internal/cost/prices.json", key)
	}
	free := min(quantity, price.Free)
	return Item{Control: control, Price: key, Unit: price.Unit, Quantity: quantity, USD: quantity * price.USD, FreeUSD: free * price.USD}, nil
}

// Item is a part of a bill.
type Item struct {
	// Control is what the part pays for: the name of a control, or of a service in the part that grows.
	Control string `json:"control"`
	// Price is the key of the price.
	Price string `json:"price"`
	// Unit names what is counted.
	Unit string `json:"unit"`
	// Quantity is how many units a month there are.
	Quantity float64 `json:"quantity"`
	// USD is their price before free tiers.
	USD float64 `json:"usd"`
	// FreeUSD is the part of USD that the account's free tier pays.
	FreeUSD float64 `json:"freeUsd"`
}

// total returns the price of items, before and within free tiers.
func total(items []Item) (usd, free float64) {
	for _, item := range items {
		usd, free = usd+item.USD, free+item.FreeUSD
	}
	return usd, free
}
