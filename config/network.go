package config

// Network says where the functions run.
type Network struct{}

func leanNetwork() Network { return Network{} }

func fullNetwork() Network { return Network{} }
