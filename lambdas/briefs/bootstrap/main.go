// Command bootstrap is the binary of the briefs domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/briefs"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(briefs.Domain) }
