// Package emailtest stands in for package email in the tests of use cases.
package emailtest
