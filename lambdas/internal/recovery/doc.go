// Package recovery ends everything that an account trusts, when the owner of its
// address recovers it: sessions, PINs, registered devices with their trust, known
// origins, and linked identities. An identity stays whose provider is authoritative for the
// address.
//
//	entry, err := r.Start(ctx, tables.AccountRecovery{UserID: id}) // before the act
//	// … the act: a new password, say. It fails: r.Finish(ctx, entry)
//	err = r.End(ctx, &entry)
//	// … tell the user what ended
//	err = r.Finish(ctx, entry)
//
// A recovery is entered before the act, so that a schedule finishes one that is
// interrupted (Pending). An entry without a known outcome counts as an act that
// happened: ending sessions too often costs a sign-in.
//
// # What cannot come back
//
// End takes identities out of the account first, and then ends the sessions. A
// sign-in with an identity issues its tokens first, and then looks whether the
// account still lists the identity. So either the sign-in finds it gone, or its
// session ends with the others. PINs and devices go last; a request of an ended session
// that is still under way writes none, since such writes go through Gate.
package recovery
