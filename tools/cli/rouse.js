#!/usr/bin/env node
require('../../bin/rouse.js');
