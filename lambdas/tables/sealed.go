package tables

// Sealed is a field of personal data as it is stored: encrypted under the
// user's data key and bound to its table, user and field (see
// lambdas/internal/fieldcrypt). An item type that declares a field Sealed
// cannot be given a clear text by mistake: it does not compile.
type Sealed []byte
