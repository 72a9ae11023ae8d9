"""The Asterisk side of a hotline, as files.

template    fill the placeholders of `asterisk-conf/` and `dialplans/`
sections    a configuration file as Asterisk takes it: sections and settings
difference  what one folder of files has otherwise than another
writing     put files into a folder, with what they replace kept
"""
