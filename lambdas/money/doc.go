// Package money holds amounts of money as exact decimals.
//
// An Amount is in the major unit of its currency, as the app sends and reads it:
// 12.34 is twelve pounds and thirty-four pence. It never is a binary float. The value
// is kept, not the notation: 12.50 and 1.25e1 are both 12.5.
//
// An amount that comes as JSON, from a client, is rounded to pence. Everywhere else an
// amount is exact. It has at most 38 significant digits, as many as DynamoDB keeps of a
// number, and at most 38 digits on either side of the point. An amount with more digits
// is refused when it is read, stored or sent.
package money
