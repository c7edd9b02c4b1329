package transactionstore

// Link returns the changes that link both legs of a transfer between the user's accounts,
// so that neither is spending or income. A leg of which the user said that it counts is
// left as it is. Apply undoes the link of the other leg when a leg is deleted, or when
// the user says that it counts. A link that names a leg which does not name it back is
// none: an import makes or removes it again.
func Link(out, in string) []Change { return []Change{linkTo(out, in), linkTo(in, out)} }

// Unlink returns the change that removes the link of a leg to another.
func Unlink(id, other string) Change {
	return Edit(id, func(t *Transaction) error {
		if t.TransferID == other {
			t.TransferID = ""
		}
		return nil
	})
}

func linkTo(id, other string) Change {
	return Edit(id, func(t *Transaction) error {
		if !t.Refused() {
			t.TransferID = other
		}
		return nil
	})
}

// Refused reports whether the user said that the transaction counts as spending or
// income, so that it is no transfer.
func (t *Transaction) Refused() bool { return t.ExcludeChoice != nil && !*t.ExcludeChoice }

// leftLegs returns the changes that remove the links to transactions which these changes
// deleted or unlinked.
func (a *application) leftLegs() (changes []Change) {
	changed := map[string]bool{}
	for _, w := range a.works {
		changed[w.change.id] = true
	}
	for _, w := range a.works {
		if w.before == nil || w.before.TransferID == "" || !a.written[w.index] || changed[w.before.TransferID] {
			continue
		}
		if w.after == nil || w.after.TransferID != w.before.TransferID {
			changed[w.before.TransferID] = true
			changes = append(changes, Unlink(w.before.TransferID, w.change.id))
		}
	}
	return changes
}
