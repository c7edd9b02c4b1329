package config_test

import (
	"fmt"

	"github.com/expenzez/infrastructure/config"
)

func ExampleLoad() {
	_, err := config.Load("prd")
	fmt.Println(err)
	// Output: unknown stage "prd": pass --context stage=dev|staging|prod|local
}

func ExampleConfig_CheckAccount() {
	c, err := config.Load("prod")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.CheckAccount("111111111111"))
	// Output: stage prod belongs to account 333333333333, the credentials in use to 111111111111: use the stage's credentials; if the stage's account is wrong, correct it in config/prod.go
}
