// Command bootstrap is the binary of the error reports' function.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/errorreports"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(errorreports.Domain) }
