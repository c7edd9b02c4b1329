package function

import "time"

// ErrorReports carries each reported failure of a function to the one function that
// calls the error tracking. Its waits cover an outage of Sentry for most of a day:
// 10 s, 20 s, … 15 min, and 15 min from then on.
var ErrorReports = NewQueue[ErrorReport](Queue{
	Name:      "error-reports",
	Purpose:   "A function failed.",
	Attempts:  100,
	FirstWait: 10 * time.Second,
	MaxWait:   15 * time.Minute,
})

// ErrorReport is a failure of a function, without personal data. Package errorreport
// makes one.
type ErrorReport struct {
	// ID is 32 hexadecimal digits and names the report in Sentry.
	ID string `json:"id"`
	// At is when the function failed.
	At time.Time `json:"at"`
	// Function is the function's declared name, and Release its version.
	Function string `json:"function"`
	Release  string `json:"release,omitempty"`
	// Route is the key of the route or event that failed.
	Route string `json:"route"`
	// Request is API Gateway's id of the request, and Trace X-Ray's id of its trace.
	// "" means that there is none.
	Request string `json:"request,omitempty"`
	Trace   string `json:"trace,omitempty"`
	// Status and Code are those of the response.
	Status int    `json:"status"`
	Code   string `json:"code"`
	// Kind groups reports into issues: one kind of failure at one route.
	Kind []string `json:"kind"`
	// Unreported is how many failures of the same environment were not reported since
	// its previous report.
	Unreported int `json:"unreported,omitempty"`
	// Errors are the errors of the chain, the outermost first.
	Errors []ReportedError `json:"errors"`
}

// ReportedError is one error of a chain.
type ReportedError struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// Panicked says that the error is a recovered panic.
	Panicked bool `json:"panicked,omitempty"`
	// Calls is the stack of a panic, the innermost first.
	Calls []ReportedCall `json:"calls,omitempty"`
}

// ReportedCall is one call of a stack.
type ReportedCall struct {
	// Package is an import path, and Function a function of it such as "(*T).M".
	Package  string `json:"package"`
	Function string `json:"function"`
	// File is the file's name, without its folder on the machine that built it.
	File string `json:"file"`
	Line int    `json:"line"`
}
