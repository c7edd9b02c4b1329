package categories

// Vocabulary is the words of one screen or one kind of request.
type Vocabulary struct {
	words map[Code]string
	// title makes a word of every code without one, in place of the parent's word.
	title bool
}

// TransactionList is the words that lists of transactions are served with: the codes of
// imports, because the app's spending tab counts a debit under "Food & Dining" twice and
// under "food" once. Categories without such a code have their name.
var TransactionList = Vocabulary{title: true, words: map[Code]string{
	Food: "food", Transport: "transport", Shopping: "shopping", Entertainment: "entertainment", Bills: "bills",
	Healthcare: "healthcare", Education: "education", Travel: "travel", Groceries: "groceries", Fuel: "fuel",
	Subscriptions: "subscriptions", Income: "income", Other: "other", Transfer: "transfer",
}}

// CSVRows is the codes of rows that the app reads from a file.
var CSVRows = TransactionList

// ManualEntry is the names on the screens for a manual expense and a manual income.
var ManualEntry = Vocabulary{title: true, words: map[Code]string{
	Food: "Food & Dining", Transport: "Transport", Shopping: "Shopping", Entertainment: "Entertainment", Bills: "Bills & Utilities",
	Healthcare: "Healthcare", Education: "Education", Travel: "Travel", Groceries: "Groceries", Fuel: "Fuel",
	Subscriptions: "Subscriptions", Other: "Other",
	Salary: "Salary", Freelance: "Freelance", Business: "Business", Investment: "Investment", Rental: "Rental", Gift: "Gift",
}}

// EditDialog is the names in the dialog that edits a transaction.
var EditDialog = Vocabulary{title: true, words: map[Code]string{
	Food: "Food & Dining", Transport: "Transportation", Shopping: "Shopping", Entertainment: "Entertainment", Bills: "Bills & Utilities",
	Healthcare: "Healthcare", Groceries: "Groceries", Travel: "Travel", Education: "Education", PersonalCare: "Personal Care",
	Home: "Home", Gifts: "Gifts & Donations", Other: "Other",
}}

// LegacyExpenses is the categories of the legacy expenses, which have no others.
var LegacyExpenses = Vocabulary{words: map[Code]string{
	Groceries: "groceries", Transport: "transport", Food: "dining", Shopping: "shopping", Bills: "bills",
	Healthcare: "health", Entertainment: "entertainment", Other: "other",
}}

// SpendingTab is the names on the spending tab, which has no others.
var SpendingTab = Vocabulary{words: map[Code]string{
	Food: "Food & Dining", Shopping: "Shopping", Transport: "Transport", Entertainment: "Entertainment", Bills: "Bills & Utilities",
	Healthcare: "Health & Fitness", Other: "Other",
}}

// BudgetKeys is the keys of the map of budgets: a name of the spending tab where there is
// one, and otherwise the word of a transaction with its first letter as a capital. The
// app also sends names with only their first letter as a capital, such as "Food & dining".
var BudgetKeys = Vocabulary{title: true, words: SpendingTab.words}

// BillScreens is the names on the screens of bills. Their "Inactive" is a state of the
// bill, and no category.
var BillScreens = Vocabulary{words: map[Code]string{
	Subscriptions: "Subscriptions", Bills: "Utilities", Insurance: "Insurance", Housing: "Housing", Transport: "Transportation",
	Financial: "Financial", Healthcare: "Health",
	Other: "Other",
}}

// names are the names of codes on screens that show every category.
var names = map[Code]string{
	Food: "Food & Dining", Groceries: "Groceries", Transport: "Transport", Fuel: "Fuel", Travel: "Travel", Shopping: "Shopping",
	PersonalCare: "Personal Care", Home: "Home", Gifts: "Gifts & Donations", Entertainment: "Entertainment",
	Subscriptions: "Subscriptions", Bills: "Bills & Utilities", Housing: "Housing", Insurance: "Insurance", Financial: "Financial",
	Healthcare: "Healthcare", Education: "Education", Other: "Other",
	Income: "Income", Salary: "Salary", Freelance: "Freelance", Business: "Business", Investment: "Investment", Rental: "Rental",
	Gift: "Gift", Transfer: "Transfer",
}

// aliases are words of banks and of earlier versions of the app that no screen has.
var aliases = map[string]Code{
	"dining": Food, "restaurants": Food, "eating out": Food, "takeaway": Food, "food & drink": Food, "supermarket": Groceries,
	"transportation": Transport, "petrol": Fuel, "holidays": Travel, "general": Other, "uncategorised": Other, "uncategorized": Other,
	"health": Healthcare, "fitness": Healthcare, "medical": Healthcare, "utilities": Bills, "rent": Housing, "mortgage": Housing,
	"gifts": Gifts, "charity": Gifts, "donations": Gifts, "fees": Financial, "bank fees": Financial, "interest": Financial,
	"transfers": Transfer, "internal": Transfer, "internal transfer": Transfer, "savings": Transfer, "wages": Salary, "investments": Investment,
}
