// Command bootstrap is the binary of the tokens domain's function.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/pretokengeneration"
)

func main() { lambdaruntime.Start(pretokengeneration.Domain) }
