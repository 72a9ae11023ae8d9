"""Staff: credentials and the trail of what people did, in `staff.sqlite` of the state folder."""
