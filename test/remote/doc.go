// Package remote tests a stage through its URL alone, as a stranger with two throw-away
// users can: on this machine, or one that a workflow has just deployed.
//
//	make smoke URL=https://api.expenzez.com      # no user, nothing is written
//	make e2e URL=https://api-dev.expenzez.com    # two users, deleted at the end
//	make load URL=https://api-dev.expenzez.com   # k6, for half a minute
//
// The URL says which stage it is (package config). A user of a deployed stage gets codes
// by the stage's own [Mailbox], which prod lacks.
package remote
