// Package bills is the functions for users' bills: what is paid again and again. The
// backend detects bills when transactions change (package billdetect), and puts them
// together with the bills that devices found and with what users chose (package
// billstore). docs/domains/bills.md has the rules.
package bills
