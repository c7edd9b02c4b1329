// Package sampletexts has texts of users and banks that the edge must let pass, and
// attacks that it must refuse. The tests of the web ACL and of the deployed stage send
// both.
package sampletexts
