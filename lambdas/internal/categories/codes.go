package categories

// Code is a canonical category. The zero value is no category.
type Code string

// The categories of spending.
const (
	Food          Code = "food"
	Groceries     Code = "groceries"
	Transport     Code = "transport"
	Fuel          Code = "fuel"
	Travel        Code = "travel"
	Shopping      Code = "shopping"
	PersonalCare  Code = "personal-care"
	Home          Code = "home"
	Gifts         Code = "gifts"
	Entertainment Code = "entertainment"
	Subscriptions Code = "subscriptions"
	Bills         Code = "bills"
	Housing       Code = "housing"
	Insurance     Code = "insurance"
	Financial     Code = "financial"
	Healthcare    Code = "healthcare"
	Education     Code = "education"
	Other         Code = "other"
)

// The categories of income.
const (
	Income     Code = "income"
	Salary     Code = "salary"
	Freelance  Code = "freelance"
	Business   Code = "business"
	Investment Code = "investment"
	Rental     Code = "rental"
	Gift       Code = "gift"
)

// Transfer is the category of money that moves between accounts of one user. The app
// counts no category whose word contains "transfer" as spending.
const Transfer Code = "transfer"

// parents are the wider categories, for screens that have no word for the narrow one.
// Every code without a parent is a child of Other.
var parents = map[Code]Code{
	Groceries: Food, Fuel: Transport, Travel: Transport, PersonalCare: Shopping, Home: Shopping, Gifts: Shopping,
	Subscriptions: Bills, Housing: Bills, Insurance: Bills, Financial: Bills,
	Salary: Income, Freelance: Income, Business: Income, Investment: Income, Rental: Income, Gift: Income,
}

// IsIncome reports whether the category is one of income.
func (c Code) IsIncome() bool { return c == Income || parents[c] == Income }
