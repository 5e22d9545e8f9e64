/** Every page as a newsroom's screen shows it. */
import { seeEveryPage } from './every-page.js';

seeEveryPage({ width: 1440, height: 900 });
