// Package recovery ends everything that an account trusts when the owner of its e-mail
// address recovers it: sessions, PINs, registered devices with their trust, known origins,
// and linked identities. Identities of a provider that is authoritative for the address stay.
//
//	entry, err := r.Start(ctx, tables.AccountRecovery{UserID: id}) // before the operation
//	// … the operation, such as setting a new password. If it fails: r.Finish(ctx, entry)
//	err = r.End(ctx, &entry)
//	// … tell the user what ended
//	err = r.Finish(ctx, entry)
//
// A recovery is recorded before the operation, so a schedule can finish an interrupted one
// (Pending). If the outcome is unknown, the operation counts as done: ending sessions
// unnecessarily costs the user a sign-in.
//
// # Order of the steps
//
// End removes identities from the account first, and then ends the sessions. A sign-in with
// an identity issues its tokens first, and then checks that the account still lists the
// identity. So either the sign-in finds the identity gone, or its session ends with the
// others. PINs and devices are removed last. A running request of an ended session cannot
// write new ones, because such writes go through Gate.
package recovery
