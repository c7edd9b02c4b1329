// Command bootstrap is the binary of the achievements domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/achievements"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(achievements.Domain) }
