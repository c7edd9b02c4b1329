// Package validation checks a decoded request against the rules in its
// `validate` struct tags (go-playground/validator) and says what is wrong in
// words that can be shown to a user.
//
// Beside the library's rules there are the project's own: "username",
// "birthdate" (MM/DD/YYYY or YYYY-MM-DD, a real date), "adult" (a birthdate at
// least 18 years ago), "plaintext" (no control characters), "phone", "pin", "deviceid",
// and the dates of package dates: "instant" (RFC 3339), "day" (YYYY-MM-DD) and "month"
// (YYYY-MM).
//
// A field of a request that is stored in tables.User has the rule of the stored
// field: "user-birthdate", "user-given_name" and so on (UserRule).
package validation
