// Package money holds amounts of money as exact decimals.
//
// An Amount is in the major unit of its currency, as the app sends and reads it:
// 12.34 is twelve pounds and thirty-four pence. It is never a binary float on
// its way: it is decoded from the digits of a JSON number or of a DynamoDB
// number, and encoded to the same. The value is kept, not the notation: 12.50 and
// 1.25e1 are both 12.5.
//
// An amount has at most 38 significant digits, as many as DynamoDB keeps of a
// number, and at most 38 digits on either side of the point. What has more is
// refused when it comes in, and when it is to be stored or sent: it is never
// rounded in silence.
package money
