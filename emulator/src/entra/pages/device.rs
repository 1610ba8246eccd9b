//! The page on which the code of another device is typed in.

use crate::entra::pages::{Form, Page, Question, alert, flagged, text};

pub(in crate::entra) fn device_code(form: &Form, typed: &str, problem: Option<&str>) -> Page {
    let (open, typed) = (form.open(), text(typed));
    let (alert, flagged) = (alert(problem), flagged(problem));
    let body = format!(
        "<p>Enter the code that is shown on your device or in your app.</p>\n{alert}{open}\n\
         <label for=\"otc\">Code</label>\n\
         <input id=\"otc\" class=\"code\" name=\"otc\" type=\"text\" value=\"{typed}\" \
         autocomplete=\"one-time-code\" autocapitalize=\"characters\" spellcheck=\"false\" \
         maxlength=\"32\" required autofocus{flagged}>\n\
         <div class=\"row\"><button class=\"main\" name=\"action\" value=\"next\">Next</button></div>\n\
         </form>"
    );
    Page::asking("Enter code", body, Question::DeviceCode, form).after(problem)
}
