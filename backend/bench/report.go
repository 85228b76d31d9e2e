package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// markdown writes the measured part of the report: the machine, the table and the plots, in the order of the parts.
func (all results) markdown() []byte {
	var to bytes.Buffer
	m := all.Machine
	fmt.Fprintf(&to, "\n%s, %d cores, %s of memory, Linux %s; %s, MariaDB %s, SQLite %s, nginx %s. Everything runs on this machine, the\n"+
		"load generator and the mail sink too, over the loopback.\n\n", m.CPU, m.Cores, m.Memory, m.Kernel, m.Go, m.MariaDB, m.SQLite, m.Nginx)
	to.WriteString("| | Aikagi | beside it, in the same rounds | ratio | goal | met | generator |\n|---|---|---|---|---|---|---|\n")
	eachOutcome(all.Parts, func(on string, o outcome) {
		for _, r := range o.Rows {
			fmt.Fprintf(&to, "| %s%s | %s | %s | %s | %s | %s | %s |\n",
				r.Name, onText(on), r.Own.text(r.Unit), r.besideText(), r.ratioText(), r.Goal.text(r.Unit), r.verdict(), r.generatorText())
		}
	})
	to.WriteString("\nMedians of all rounds, with the least and the greatest in brackets; the ratio is of each round. *Generator* is the share of all\n" +
		"processor time that the clients, and the mail sink where there are letters, took while Aikagi was measured.\n\n")
	eachOutcome(all.Parts, func(_ string, o outcome) {
		for _, c := range o.Curves {
			fmt.Fprintf(&to, "![%s](%s.svg)\n\n", c.Title, c.Name)
		}
	})
	var versions []string
	eachOutcome(all.Parts, func(_ string, o outcome) {
		if said := o.Program + " on " + o.Day; !slices.Contains(versions, said) {
			versions = append(versions, said)
		}
	})
	fmt.Fprintf(&to, "Measured: %s.\n\n", strings.Join(versions, "; "))
	return to.Bytes()
}

// eachOutcome calls do for each part and database that was measured, in the order of the parts.
func eachOutcome(measured map[string]outcome, do func(on string, o outcome)) {
	for _, p := range parts {
		for _, on := range p.on {
			if o, found := measured[p.name+"/"+on]; found {
				do(on, o)
			}
		}
	}
}

func onText(on string) string {
	if on == nowhere {
		return ""
	}
	return ", " + databaseNames[on]
}

func (r row) besideText() string {
	if r.Beside == "" {
		return ""
	}
	return r.Beside + ": " + r.Ceiling.text(r.Unit)
}

func (r row) ratioText() string {
	if r.Ratio.Median == 0 {
		return ""
	}
	return r.Ratio.text("")
}

func (r row) generatorText() string {
	if r.Generator == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*r.Generator)
}
