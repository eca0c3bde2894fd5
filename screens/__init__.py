"""The Textual front end. Renders what `wizard` finds; decides nothing about causes."""
