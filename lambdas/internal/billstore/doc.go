// Package billstore reads and writes users' bills.
//
//	bills, err := store.Read(ctx, userID, today)
//	for _, bill := range bills.DueWithin(7) { ... }  // bill.Name, bill.Amount, bill.Due
//	for _, bill := range bills.RisenSince("2026-06-01") { ... } // bill.Change.From, bill.Change.To
//
// A function that reads opens the store with Open and declares ReadPermissions.
//
// # What is stored, and what follows when it is read
//
// The detector, devices and the user each write records of their own, and none changes
// another's. Read puts them together in one query: bills that a device found of a merchant
// with detected bills are these bills, whose ids they become. What the user chose is laid
// over them. Due days, ends and marks as paid follow from the schedule and the day of the
// reading, so nothing has to run for a due day to move on.
//
// # Texts
//
// Names, ids that are made of names, and what users write are sealed. Amounts, days and
// categories are readable.
package billstore
