// Command bootstrap is the binary of the statement reader.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/statementreader"
)

func main() { lambdaruntime.Start(statementreader.Domain) }
