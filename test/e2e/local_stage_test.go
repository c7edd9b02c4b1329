package e2e_test

import "testing"

// The parts run one after the other because the last reads the ledger of all.
func TestTheDeployedStage(t *testing.T) {
	t.Run("somebody signs up and uses the app", signUpAndUse)
	t.Run("codes arrive", codesArrive)
	t.Run("registration refuses", registrationRefuses)
	t.Run("sign-in", signIn)
	t.Run("profile edits", profileEdits)
	t.Run("progress", progressed)
	t.Run("devices", devices)
	t.Run("many devices", manyDevices)
	t.Run("data erasure", dataErasure)
	t.Run("account deletion", accountDeletion)
	t.Run("bad input", badInput)
	t.Run("tokens", badTokens)
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
	t.Run("what is reported", whatIsReported)
	t.Run("what is logged", whatIsLogged)
	t.Run("ledger", ledger)
}
