package notifications

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The events that users are notified of, beside goals.Reached and budgets.Crossed.
const (
	UnusualSpend = "unusual-spend"
	LargePayment = "large-payment"
	BillDue      = "bill-due"
	PriceRise    = "price-rise"
	// Sent is a notification that a client sent to its own user.
	Sent = "sent"
)

// text is what a notification says.
type text struct {
	Title   string `json:"title"`
	Message string `json:"message"`
	// Data is what a client sent beside the text.
	Data map[string]any `json:"data,omitempty"`
}

// Compose returns the title and the message of a notification. goal is the title of the
// goal that it is about, empty when it is not known.
func Compose(n tables.Notification, goal string) (title, message string) {
	what, bill, amount := "", "", n.Amount.Pounds()
	if n.Category != "" {
		category := categories.Code(n.Category).In(categories.TransactionList)
		what, bill = " on "+category, " for "+category
	}
	switch n.Event {
	case goals.Reached.Name:
		if goal != "" {
			return "Goal reached", "You have reached your goal " + goal + " of " + amount + "."
		}
		return "Goal reached", "You have reached a goal of " + amount + "."
	case budgets.Crossed.Name:
		if n.Threshold < 100 {
			return "Budget nearly spent", fmt.Sprintf("You have spent %s, %d %% of your budget of %s.", amount, n.Threshold, n.Limit.Pounds())
		}
		return "Budget spent", "You have spent " + amount + ", and your budget is " + n.Limit.Pounds() + "."
	case UnusualSpend:
		return "Unusual spending", "A payment of " + amount + what + " was made on " + dayText(n.Day) + ". You usually pay less."
	case LargePayment:
		return "Large payment", "A payment of " + amount + what + " was made on " + dayText(n.Day) + "."
	case BillDue:
		return "Bill due", "A bill of " + amount + bill + " is due on " + dayText(n.Day) + "."
	case PriceRise:
		return "Price rise", "A bill" + bill + " rose from " + n.Before.Pounds() + " to " + amount + " on " + dayText(n.Day) + "."
	}
	return "Expenzez", "There is news in your account."
}

// dayText returns a day as users read it, such as "3 July".
func dayText(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.Format("2 January")
}

// textOf returns what a notification says.
func textOf(n tables.NotificationWithText, goal string) (found text, err error) {
	if n.Text != "" {
		err = json.Unmarshal([]byte(n.Text), &found)
		return found, err
	}
	found.Title, found.Message = Compose(n.Notification, goal)
	return found, nil
}
