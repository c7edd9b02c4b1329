package e2e_test

import "testing"

// The parts run one after the other because the last reads the ledger of all.
func TestTheDeployedStage(t *testing.T) {
	t.Run("somebody signs up and uses the app", signUpAndUse)
	t.Run("codes arrive", codesArrive)
	t.Run("registration refuses", registrationRefuses)
	t.Run("sign-in", signIn)
	t.Run("usernames that are taken", usernameStatus)
	t.Run("a forgotten password", forgottenPassword)
	t.Run("a forgotten username", forgottenUsername)
	t.Run("profile edits", profileEdits)
	t.Run("data erasure", dataErasure)
	t.Run("account deletion", accountDeletion)
	t.Run("bad input", badInput)
	t.Run("tokens", badTokens)
	t.Run("nobody signed in", nobodySignedIn)
	t.Run("browsers", browsers)
	t.Run("forged tokens", forgedTokens)
	t.Run("revoked tokens", revokedTokens)
	t.Run("enumeration", enumeration)
	t.Run("look-alike addresses", lookalikes)
	t.Run("malformed input", malformed)
	t.Run("limits, and forged addresses", forgedAddresses)
	t.Run("secrets of outside services", outsideSecrets)
	t.Run("strangers", strangers)
	t.Run("what is stored", whatIsStored)
	t.Run("guesses at once", parallelGuesses)
	t.Run("too many e-mails", fullInboxes)
	t.Run("limits", limits)
	t.Run("what is reported", whatIsReported)
	t.Run("what is logged", whatIsLogged)
	t.Run("every operation", everyOperation)
	t.Run("ledger", ledger)
}
