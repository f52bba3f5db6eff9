import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/elements.css';
import './styles/forms.css';
import './styles/frame.css';
import './frame/theme.js';
import './frame/panel.js';
