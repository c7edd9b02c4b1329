package assembly

// The types of the custom resources by which CDK passes a stack's outputs to stacks
// in other regions.
const (
	exportReaderType = "Custom::CrossRegionExportReader"
	exportWriterType = "Custom::CrossRegionExportWriter"
)

// outputKey names an output of a stack in the way that other stacks read it.
type outputKey struct {
	kind string // "export", or the name of the stack
	name string
}

type output struct {
	stack *Stack
	value any
}

func (s *Stack) imported(argument any, depth int) []Part {
	name := Text(s.parts(argument, depth))
	return orText(s.assembly.output(s, outputKey{"export", name}, depth), name)
}

func (s *Stack) stackOutput(argument any, depth int) []Part {
	stack, _ := at(argument, "StackName")
	name, _ := at(argument, "OutputName")
	key := outputKey{"stack " + Text(s.parts(stack, depth)), Text(s.parts(name, depth))}
	return orText(s.assembly.output(s, key, depth), key.name)
}

func orText(parts []Part, name string) []Part {
	if parts == nil {
		return unknown(name)
	}
	return parts
}

// output returns the pieces of the outputs with that name. Outputs of the reader's
// region and account come first, because two environments may have one each.
func (a *Assembly) output(reader *Stack, key outputKey, depth int) []Part {
	if a.outputs == nil {
		a.collectOutputs()
	}
	same := []func(o output) bool{
		func(o output) bool { return o.stack.Environment == reader.Environment },
		func(o output) bool { return o.stack.Account() == reader.Account() },
		func(output) bool { return true },
	}
	for _, isNear := range same {
		var found []Part
		for _, o := range a.outputs[key] {
			if isNear(o) {
				found = append(found, o.stack.parts(o.value, depth)...)
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func (a *Assembly) collectOutputs() {
	a.outputs = map[outputKey][]output{}
	add := func(key outputKey, s *Stack, value any) { a.outputs[key] = append(a.outputs[key], output{s, value}) }
	for _, s := range a.Stacks {
		outputs, _ := s.Template["Outputs"].(map[string]any)
		for id, o := range outputs {
			value, _ := at(o, "Value")
			if name, ok := at(o, "Export", "Name"); ok {
				add(outputKey{"export", Text(s.Parts(name))}, s, value)
			}
			add(outputKey{"stack " + s.Name, id}, s, value)
		}
		for _, r := range s.OfType(exportWriterType) {
			exports, _ := at(r.Properties, "WriterProps", "exports")
			written, _ := exports.(map[string]any)
			for name, value := range written {
				add(outputKey{"export", name}, s, value)
			}
		}
	}
}
